import type { FastifyInstance } from 'fastify';
import { modelNotFound } from '../../core/models.ts';
import type { Model, Models } from '../../core/models.ts';
import { codexModels } from '../codex-models.ts';

/** When the models came to be, in seconds since 1970; clients want a number and sort by it: GPT-OSS's release. */
const created = 1_754_352_000;

export function modelRoutes(fastify: FastifyInstance, { models }: { readonly models: Models }): void {
  fastify.get('/v1/models', async () => ({
    object: 'list',
    data: models.all.map(openAiModel),
    models: codexModels(models.all),
  }));
  // A wildcard, since ids such as `openai/gpt-oss-20b` have slashes that some clients leave as they are.
  fastify.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    const name = request.params['*'];
    const model = models.find(name);
    if (model === null) throw modelNotFound(name, models.all);
    return openAiModel(model);
  });
}

function openAiModel(model: Model) {
  return { id: model.id, object: 'model', created, owned_by: 'codexpc' };
}
