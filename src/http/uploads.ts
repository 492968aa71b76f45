import type { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError, inBody, ValidationError, type FieldError } from '../common/app-error';
import { UNHURRIED } from './request-timeout';

const FILES = ['multipart/form-data', 'text/csv'] as const;
type FileType = (typeof FILES)[number];

/** A file that came in a form, whole, and the fields beside it. */
export interface UploadedFile {
  bytes: Buffer;
  fields: Readonly<Record<string, string>>;
}

function typeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function takes(config: unknown, type: string): boolean {
  if (typeof config !== 'object' || config === null || !('uploads' in config)) return false;
  return Array.isArray(config.uploads) && config.uploads.includes(type);
}

/** Files come only where a route takes them; there its handler reads them as a stream, whatever their size. */
export function acceptUploads(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  // The body stays unread: the handler takes it from the request.
  fastify.addContentTypeParser('text/csv', (_request, _payload, done) => done(null));
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Nothing is unpacked here: a few bytes could become many.
    const coding = request.headers['content-encoding']?.trim() ?? '';
    if (!/^(identity)?$/i.test(coding)) return done(unsupportedMediaType(`Content-Encoding ${coding} is not taken.`));
    const type = typeOf(request);
    const isFile = FILES.some((file) => file === type);
    if (!isFile || takes(request.routeOptions.config, type)) return done();
    return done(unsupportedMediaType(`${type} is not taken here.`));
  });
}

export const unsupportedMediaType = (detail: string) =>
  new AppError('unsupported_media_type', 'unsupported_media_type', detail);

interface FormField {
  description: string;
  maxLength: number;
  pattern?: string;
}

/** The route takes these; `properties` describes the form. */
export function TakesFile(properties: Record<string, FormField>, ...types: FileType[]): MethodDecorator {
  const form = { type: 'string', format: 'binary' };
  return applyDecorators(
    RouteConfig({ uploads: types, ...UNHURRIED }),
    ApiConsumes(...types),
    ApiBody({
      schema: {
        type: 'object',
        required: ['file'],
        ...(Object.keys(properties).length > 0 && { additionalProperties: false }),
        properties: {
          file: form,
          ...Object.fromEntries(
            Object.entries(properties).map(([name, field]) => [name, { type: 'string', ...field }]),
          ),
        },
      },
    }),
  );
}

/** The one file of a form, held in memory; 413 beyond `maxBytes`, 400 for fields that are none of `known`. */
export async function readFile(
  request: FastifyRequest,
  maxBytes: number,
  known: readonly string[],
): Promise<UploadedFile> {
  if (!request.isMultipart()) throw unsupportedMediaType('Send the file as multipart/form-data.');
  const fields: Record<string, string> = {};
  const strange: FieldError[] = [];
  let bytes: Buffer | null = null;
  await asClient(async () => {
    const limits = { fileSize: maxBytes, files: 1, fields: 5, fieldSize: 10_000 };
    const parts: AsyncIterable<Multipart> = request.parts({ limits });
    for await (const part of parts) {
      const isKnown = part.type === 'file' ? part.fieldname === 'file' : known.includes(part.fieldname);
      // The rest is read all the same: a client that still sends would not hear why.
      if (!isKnown) strange.push(inBody(part.fieldname, 'is no field of this form'));
      if (part.type === 'file') bytes = await part.toBuffer();
      else if (typeof part.value === 'string') fields[part.fieldname] = part.value;
    }
  });
  if (strange.length > 0) throw new ValidationError(strange);
  if (bytes === null) throw new ValidationError([inBody('file', 'must be a file of the form')]);
  return { bytes, fields };
}

/**
 * Gives the one file of a form, or the body itself, to whoever reads it piece by piece. What is left unread of it when
 * that one throws is read away: a connection cut under a client that still sends would cost it the answer.
 */
export async function streamFile<T>(
  request: FastifyRequest,
  read: (file: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const isForm = request.isMultipart();
  const body: Readable = isForm ? await fileOf(request) : request.raw;
  const bytes = body.iterator({ destroyOnReturn: false });
  try {
    return await read(isForm ? ofClient(bytes) : bytes);
  } finally {
    request.raw.resume();
    body.resume();
  }
}

async function fileOf(request: FastifyRequest): Promise<Readable> {
  // The reader counts the bytes.
  const limits = { fileSize: Number.MAX_SAFE_INTEGER, files: 1 };
  const part = await asClient<MultipartFile | undefined>(() => request.file({ limits }));
  if (!part) throw new ValidationError([inBody('file', 'must be a file of the form')]);
  return part.file;
}

/** A form that ends too early or is none is the client's mistake: the parser throws plain errors for some. */
export async function asClient<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw formError(error);
  }
}

/** The same for a file that is read while it comes; what its reader throws stays as it is. */
async function* ofClient(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw formError(error);
  }
}

function formError(error: unknown): unknown {
  if (error instanceof AppError || (error instanceof Error && 'statusCode' in error)) return error;
  return new ValidationError([], `The form could not be read: ${error instanceof Error ? error.message : 'broken'}.`);
}
