import type { XpcDictionary, XpcValue } from '../xpc/value.ts';

/*
 * A dictionary's fields as libxpc's typed getters read them: a value of another type counts as absent, and an absent
 * number is 0.
 */

export function stringField(dictionary: XpcDictionary, key: string): string | null {
  const value = dictionary.get(key);
  return typeof value === 'string' ? value : null;
}

export function uint64Field(dictionary: XpcDictionary, key: string): number {
  const value = dictionary.get(key);
  return isNumber(value, 'uint64') ? Number(value.value) : 0;
}

export function doubleField(dictionary: XpcDictionary, key: string): number {
  const value = dictionary.get(key);
  return isNumber(value, 'double') ? value.value : 0;
}

export function boolField(dictionary: XpcDictionary, key: string): boolean {
  return dictionary.get(key) === true;
}

export function dataField(dictionary: XpcDictionary, key: string): Uint8Array | null {
  const value = dictionary.get(key);
  return value instanceof Uint8Array ? value : null;
}

export function dictionaryField(dictionary: XpcDictionary, key: string): XpcDictionary | null {
  return asDictionary(dictionary.get(key));
}

/** The dictionaries of an array; its other members are passed over. Null: there is no array. */
export function dictionariesField(dictionary: XpcDictionary, key: string): XpcDictionary[] | null {
  const value = dictionary.get(key);
  if (!Array.isArray(value)) return null;
  return value.flatMap((member: XpcValue) => asDictionary(member) ?? []);
}

export function asDictionary(value: XpcValue | undefined): XpcDictionary | null {
  return value instanceof Map ? (value as XpcDictionary) : null;
}

function isNumber<Type extends 'uint64' | 'int64' | 'double'>(
  value: XpcValue | undefined,
  type: Type,
): value is Extract<XpcValue, { readonly type: Type }> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === type;
}
