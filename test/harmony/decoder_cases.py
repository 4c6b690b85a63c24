"""What GPT-OSS writes when it keeps to the format, as Harmony is written down, by what stands before it."""

THOUGHT = "<|channel|>analysis<|message|>We need to think.<|end|>"
CALL = "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\":\"Paris\"}<|call|>"

ASSISTANT = {
    "an answer": "<|channel|>final<|message|>Hello!<|return|>",
    "an empty answer": "<|channel|>final<|message|><|return|>",
    "a thought and an answer": f"{THOUGHT}<|start|>assistant<|channel|>final<|message|>Hello!<|return|>",
    "a call": CALL,
    "a call after a thought": f"{THOUGHT}<|start|>assistant{CALL}",
    "a preamble and a call": f"<|channel|>commentary<|message|>I'll look it up.<|end|><|start|>assistant{CALL}",
    "a recipient in the role part": " to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{}<|call|>",
    "a recipient in the role part, no content type": " to=functions.get_weather<|channel|>commentary<|message|>{}<|call|>",
    "a call on the analysis channel": "<|channel|>analysis to=python code<|message|>print(1)<|call|>",
    "a content type without the marker": "<|channel|>commentary to=functions.f json<|message|>{}<|call|>",
    "a marker glued to the recipient": "<|channel|>commentary to=functions.f<|constrain|>json<|message|>{}<|call|>",
    "blanks and line feeds in the header": "<|channel|>commentary to=functions.f \n <|constrain|>json \n<|message|>{}<|call|>",
    "another content type": "<|channel|>commentary to=functions.f <|constrain|>yaml<|message|>a: 1<|call|>",
    "a call that ends as an answer does": "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|return|>",
    "a call without a channel": " to=functions.f<|message|>{}<|call|>",
    "the role again": "assistant<|channel|>final<|message|>Hello!<|return|>",
    "no header at all but its end": "<|message|>Hello!<|end|>",
    "emoji": "<|channel|>final<|message|>😀👩‍👧 今天天气 สวัสดี e\u0301\ufeff\u0085<|return|>",
    "a dialogue with a tool": f"{CALL}<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>20 °C<|end|>"
    "<|start|>assistant<|channel|>final<|message|>20 °C.<|return|>",
}

NOTHING = {
    "a conversation": "<|start|>system<|message|>You are ChatGPT.<|end|><|start|>developer<|message|># Instructions\n\nBe kind."
    f"<|end|><|start|>user<|message|>Hi<|end|><|start|>assistant{THOUGHT}<|start|>assistant<|channel|>final<|message|>Hi!<|end|>",
    "a tool's output": "<|start|>functions.f to=assistant<|channel|>commentary<|message|>1<|end|>",
    "a tool's output with a content type": "<|start|>browser.search to=assistant<|channel|>commentary code<|message|>1<|end|>",
    "the output of a tool without a name": "<|start|>tool to=assistant<|channel|>commentary<|message|>1<|end|>",
    "the output of a tool without a dot": "<|start|>python to=assistant<|channel|>analysis<|message|>1<|end|>",
    "a message to all": "<|start|>user to=all<|message|>Hi<|end|>",
    "an assistant without a channel": "<|start|>assistant<|message|>Hi<|end|>",
}
