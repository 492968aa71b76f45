import { AppError } from '../common/app-error';

export const importNotFound = () => new AppError('not_found', 'import.not_found', 'There is no such import.');

export const wrongEncoding = () =>
  new AppError(
    'invalid',
    'import.encoding',
    'The file is not UTF-8. Save it as "CSV UTF-8"; UTF-16 and Windows code pages are not read.',
  );

export const malformed = (line: number, why: string) =>
  new AppError('invalid', 'import.malformed', `The file is no CSV from line ${line} on: ${why}.`, { line });

export const wrongColumns = (why: string) => new AppError('invalid', 'import.columns', why);

export const fileTooLarge = (bytes: number) =>
  new AppError('too_large', 'body_too_large', `A file may have ${bytes} bytes at most.`);
