import { expect, test } from 'vitest';
import { createSchemaValidator } from '../../src/gateway/schema-validator.ts';

/** No machine is so slow that a check takes this long, and no pattern below so harmless that it ends within. */
const patient = 60_000;
const integer = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

test('a text is good, or it is said what is wrong and where', async () => {
  const validator = createSchemaValidator(patient);
  expect(await validator.check(integer, '{"n":1}')).toEqual({ type: 'good' });
  expect(await validator.check(integer, '{"n":"1"}')).toEqual({ type: 'bad', fault: '/n must be integer' });
  expect(await validator.check(integer, '[]')).toEqual({ type: 'bad', fault: 'it must be object' });
  expect(await validator.check(integer, '{"n":')).toEqual({ type: 'bad', fault: 'it is not JSON' });
  expect(await validator.check(integer, null)).toEqual({ type: 'good' });
  expect(await validator.check({ type: 'nonsense' }, null)).toMatchObject({ type: 'bad-schema' });
});

test('checks that come at once are answered in order, each with its own verdict', async () => {
  const validator = createSchemaValidator(patient);
  const checks = Array.from({ length: 50 }, (_, index) => validator.check({ const: index }, `${index - (index % 2)}`));
  const verdicts = await Promise.all(checks);
  expect(verdicts.map(({ type }) => type)).toEqual(checks.map((_, index) => (index % 2 === 0 ? 'good' : 'bad')));
});

test('a schema of a thousand properties holds up nobody else', async () => {
  const validator = createSchemaValidator(patient);
  const names = Array.from({ length: 1000 }, (_, index) => `p${index}`);
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 1);
  const verdict = await validator.check({ type: 'object', properties }, '{"p7":7}');
  clearInterval(ticking);
  expect(verdict).toEqual({ type: 'bad', fault: '/p7 must be string' });
  expect(turns).toBeGreaterThan(10);
});

test('a pattern that takes for ever is given up, and those behind it have their turn', async () => {
  const validator = createSchemaValidator(2000);
  const forever = validator.check({ type: 'string', pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(60)}b`));
  const behind = validator.check(integer, null);
  expect(await forever).toEqual({ type: 'undecided' });
  expect(await behind).toEqual({ type: 'good' });
});
