// Errors that nobody foresaw: `internal`, and nothing of them, reaches the caller.
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { answerProblem } from '../../bouncer/problem-answers.ts';
import { buildProblem, ProblemError } from '../../protocol/wire/problem.ts';

test('what the table does not know becomes internal, and nothing of it is told [R-ERR-05]', async () => {
  const unforeseen = [
    new Error('lunch at noon'),
    Object.assign(new Error('lunch at noon'), { code: 'SQLITE_CORRUPT' }),
    Object.assign(new Error('lunch at noon'), { code: 'FST_ERR_OF_A_LATER_VERSION', statusCode: 418 }),
    'lunch at noon',
  ];
  for (const thrown of unforeseen) {
    const app = fastify();
    app.setErrorHandler((error, _request, reply) => answerProblem(() => {}, error, reply));
    app.get('/', async () => {
      throw thrown;
    });
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({ ...buildProblem('internal') });
    await app.close();
  }
});

test('what the table knows is told by its code', async () => {
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => answerProblem(() => {}, error, reply));
  app.get('/', async () => {
    throw new ProblemError('rate_limited', { retry_after_seconds: 7 });
  });
  const answer = await app.inject('/');
  expect(answer.headers['retry-after']).toBe('7');
  expect(answer.json()).toEqual({ ...buildProblem('rate_limited', { retry_after_seconds: 7 }) });
  await app.close();
});
