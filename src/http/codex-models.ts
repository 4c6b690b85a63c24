import type { Model } from '../core/models.ts';

/**
 * A model as Codex's own model list describes it (`ModelInfo` in codex-rs/protocol). Without it Codex assumes a window
 * larger than GPT-OSS has, and overflows it.
 */
export function codexModel(model: Model, index: number) {
  return {
    slug: model.id,
    display_name: model.id,
    description: 'GPT-OSS on this machine, served by codexpc.',
    default_reasoning_level: 'medium',
    supported_reasoning_levels: [
      { effort: 'low', description: 'Answers quickly, thinks little' },
      { effort: 'medium', description: 'Balances speed and depth' },
      { effort: 'high', description: 'Thinks longest' },
    ],
    shell_type: 'unified_exec',
    visibility: 'list',
    supported_in_api: true,
    priority: index,
    upgrade: null,
    base_instructions: 'You are a coding agent running in the Codex CLI on the user’s computer.',
    supports_reasoning_summaries: true,
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: false,
    context_window: model.contextWindow,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: ['text'],
  };
}
