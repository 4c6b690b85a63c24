/**
 * What becomes of a request field. The dialects' tables of these are what the code consults and what the docs print.
 *
 * - `honoured`: it does what OpenAI's documentation says.
 * - `ignored`: accepted and without effect; `note` says why that is harmless.
 * - `refused`: a 400 `unsupported_parameter` unless absent, null or the value that changes nothing; `note` says why.
 */
export type FieldSupport = {
  /** The field's path, as in `text.verbosity`. */
  readonly field: string;
  readonly support: 'honoured' | 'ignored' | 'refused';
  readonly note: string;
};
