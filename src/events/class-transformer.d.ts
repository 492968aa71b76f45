/** What class-validator-jsonschema needs to know which class a nested field is of; class-transformer ships no type for it. */
declare module 'class-transformer/cjs/storage' {
  import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';

  export const defaultMetadataStorage: MetadataStorage;
}
