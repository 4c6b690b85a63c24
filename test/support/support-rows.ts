import { expect, it } from 'vitest';
import type { Exchange } from '../../src/core/dialect.ts';
import type { FieldRule } from '../../src/dialects/support.ts';
import { refusalOf } from './refusal.ts';

type Request = { readonly [field: string]: unknown };

/**
 * Tests that what a support table says of each field of a request is what happens.
 *
 * @param everything a value for each field, with which it asks for something.
 * @param plain a request that asks for nothing special.
 */
export function testSupportRows(
  rows: readonly FieldRule[],
  everything: Request,
  plain: Request,
  open: (body: object) => Exchange,
): void {
  for (const { field, support, note, neutral } of rows) {
    const asking = { ...plain, [field]: everything[field] };
    switch (support) {
      case 'honoured':
        it(`is right that ${field} is honoured: nothing is said of it`, () => {
          expect(open(asking).warnings.filter((warning) => warning.startsWith(`${field} `))).toEqual([]);
        });
        break;
      case 'ignored':
        it(`is right that ${field} is ignored: the log has the reason, and the turn is the same`, () => {
          const { turn, warnings } = open(asking);
          expect(warnings).toEqual([`${field} has no effect: ${note}`]);
          expect(turn).toEqual(open(plain).turn);
        });
        break;
      case 'refused':
        it(`is right that ${field} is refused: the error names it and has the reason`, () => {
          const error = refusalOf(() => open(asking));
          const code = neutral === undefined ? 'unsupported_parameter' : 'unsupported_value';
          expect(error).toMatchObject({ status: 400, param: field, code });
          expect(error.message).toContain(note);
        });
        break;
    }
    const empty = Array.isArray(everything[field]) ? [[]] : typeof everything[field] === 'object' ? [{}] : [];
    for (const same of support === 'honoured' ? [] : [null, ...empty, ...(neutral ?? [])]) {
      it(`takes ${field}: ${JSON.stringify(same)} in silence`, () => {
        expect(open({ ...plain, [field]: same }).warnings).toEqual([]);
      });
    }
  }
}
