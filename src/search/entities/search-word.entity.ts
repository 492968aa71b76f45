import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A word that names on sale are made of, as it is written, but lower case and without accents. */
@Entity('search_words')
// Words like a misspelt one: GIN over trigrams.
@Index('search_words_likeness_idx', { synchronize: false })
export class SearchWord {
  /** In the order of its bytes, so that a beginning is a range. */
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'search_words_pkey' })
  word: string;

  /** In how many names; 0 once the last is gone. */
  @Column({ type: 'integer' })
  products: number;
}
