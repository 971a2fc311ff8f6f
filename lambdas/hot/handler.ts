import { loopHandler } from '../../src/lambda/loop-handler.ts';

export const handler = loopHandler('hot');
