/**
 * Checks JSON texts against JSON Schemas, in a thread of its own: Ajv compiles a schema of thousands of properties for
 * seconds, and a pattern that a caller wrote can take for ever. See schema-validator.ts, which talks to it.
 *
 * JavaScript, because a worker is a file that Node itself loads, under test too, and Node 20 loads no TypeScript.
 */
import { parentPort } from 'node:worker_threads';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Schemas whose compiled form is kept: a conversation brings the same ones every turn. */
const mostKept = 200;

const ajv = new Ajv2020({
  strict: false,
  validateFormats: false,
  logger: false,
  addUsedSchema: false,
  // Ajv's own optimiser takes time in the square of a schema's size, and saves microseconds.
  code: { optimize: false },
});
/** @type {Map<string, import('ajv').ValidateFunction>} By the schema's JSON, the latest used last. */
const compiled = new Map();

parentPort.on('message', (/** @type {import('./schema-validator.ts').Job} */ { schema, text }) => {
  parentPort.postMessage(answer(schema, text));
});

/** @returns {import('./schema-validator.ts').Verdict} */
function answer(schema, text) {
  let validate;
  try {
    validate = compile(schema);
  } catch (error) {
    return { type: 'bad-schema', reason: error.message };
  }
  if (text === null) return { type: 'good' };
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { type: 'bad', fault: 'it is not JSON' };
  }
  if (validate(value)) return { type: 'good' };
  const [error] = validate.errors ?? [];
  const where = error === undefined || error.instancePath === '' ? 'it' : error.instancePath;
  return { type: 'bad', fault: `${where} ${error?.message ?? 'is wrong'}` };
}

function compile(json) {
  const known = compiled.get(json);
  compiled.delete(json);
  const validate = known ?? compileAnew(json);
  compiled.set(json, validate);
  if (compiled.size > mostKept) compiled.delete(compiled.keys().next().value);
  return validate;
}

function compileAnew(json) {
  // Which draft a schema claims makes no difference here, and Ajv refuses those that it wasn't given.
  const { $schema: _, ...schema } = JSON.parse(json);
  try {
    return ajv.compile(schema);
  } finally {
    // Ajv would keep every schema it has seen.
    ajv.removeSchema(schema);
  }
}
