import { AppError } from '../common/app-error';

export const apiKeyNotFound = () => new AppError('not_found', 'api_key.not_found', 'There is no such API key.');
