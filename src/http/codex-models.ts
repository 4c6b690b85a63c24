import type { Model } from '../core/models.ts';
import { codexInstructions } from './codex-instructions.ts';

/**
 * The models as Codex's own model list describes them (`ModelInfo` in its protocol). About a model that isn't there Codex
 * warns, sends it a long prompt made for others, and assumes a window twice as large as GPT-OSS has.
 *
 * Codex looks for exactly the name it is configured with, so a model has an entry under each of its names; the aliases
 * are not offered for choosing. An entry that Codex can't parse is dropped without a word.
 */
export function codexModels(models: readonly Model[]) {
  return models.flatMap((model, priority) => [
    codexModel(model, model.id, priority),
    ...model.aliases.map((alias) => ({ ...codexModel(model, alias, priority), visibility: 'hide' })),
  ]);
}

function codexModel({ contextWindow }: Model, name: string, priority: number) {
  return {
    slug: name,
    display_name: name,
    description: 'GPT-OSS on this machine, served by codexpc.',
    base_instructions: codexInstructions,
    visibility: 'list',
    supported_in_api: true,
    priority,
    upgrade: null,

    default_reasoning_level: 'medium',
    supported_reasoning_levels: [
      { effort: 'low', description: 'Answers quickly, thinks little' },
      { effort: 'medium', description: 'Balances speed and depth' },
      { effort: 'high', description: 'Thinks longest' },
    ],
    // They are the reasoning itself; CLIs send the effort, and show what was thought, only where there are some.
    supports_reasoning_summaries: true,
    default_reasoning_summary: 'auto',
    support_verbosity: false,
    default_verbosity: null,
    input_modalities: ['text'],

    shell_type: 'unified_exec',
    apply_patch_tool_type: 'freeform',
    supports_parallel_tool_calls: false,
    experimental_supported_tools: [],

    context_window: contextWindow,
    max_context_window: contextWindow,
    ...compaction(contextWindow),
  };
}

/**
 * When Codex sums a conversation up, and how much of a tool's output it shows the model. It compares the token count of
 * the last answer with the limit, before the next output is added, and counts that output as four bytes a token, where
 * rows of digits have less than two. So an output may be two and a half times its limit, and the summary needs room too.
 */
function compaction(contextWindow: number) {
  return {
    auto_compact_token_limit: Math.floor(contextWindow * 0.75),
    truncation_policy: { mode: 'tokens', limit: Math.min(10_000, Math.floor(contextWindow / 16)) },
  };
}
