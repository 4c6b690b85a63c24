from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from exercise import CallLog, Town, caught, error_of, serve, usage


class LangChain:
    def __init__(self, use_responses_api):
        self._use_responses_api = use_responses_api

    def _connect(self, place, **settings):
        return ChatOpenAI(
            base_url=place["baseUrl"],
            api_key=place["apiKey"],
            model=place["model"],
            max_retries=0,
            use_responses_api=self._use_responses_api,
            stream_usage=True,
            **settings,
        )

    def text(self, place, prompt):
        answer = self._connect(place).invoke(prompt)
        return {"text": text_of(answer), "usage": usage_of(answer)}

    def stream(self, place, prompt):
        deltas = []
        answer = stream_into(deltas, self._connect(place).stream(prompt))
        return {"deltas": deltas, "text": text_of(answer), "usage": usage_of(answer)}

    def reasoning(self, place, prompt):
        # From responses it reads summaries only.
        asked = {"reasoning": {"summary": "auto"}} if self._use_responses_api else {}
        answer = self._connect(place, **asked).invoke(prompt)
        thoughts = [block for block in answer.content_blocks if block["type"] == "reasoning"]
        return {"reasoning": "".join(block.get("reasoning", "") for block in thoughts), "text": text_of(answer)}

    def _tool_run(self, place, prompt, ask):
        log = CallLog()
        tools = {each.name: each for each in [tool(log.get_weather), tool(log.get_time)]}
        model = self._connect(place).bind_tools(list(tools.values()), strict=True)
        messages = [HumanMessage(prompt)]
        while True:
            answer = ask(model, messages)
            messages.append(answer)
            if not answer.tool_calls:
                return {"text": text_of(answer), "calls": log.calls}
            messages += [tools[call["name"]].invoke({**call, "type": "tool_call"}) for call in answer.tool_calls]

    def tools(self, place, prompt):
        return self._tool_run(place, prompt, lambda model, messages: model.invoke(messages))

    def streamed_tools(self, place, prompt):
        deltas = []
        run = self._tool_run(place, prompt, lambda model, messages: stream_into(deltas, model.stream(messages)))
        return {**run, "deltas": deltas}

    def conversation(self, place, prompt):
        model = self._connect(place, use_previous_response_id=self._use_responses_api)
        first = model.invoke(prompt)
        return {"text": text_of(model.invoke([HumanMessage(prompt), first, HumanMessage(prompt)]))}

    def structured_output(self, place, prompt):
        model = self._connect(place).with_structured_output(Town, method="json_schema", strict=True)
        return {"value": model.invoke(prompt).model_dump()}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._connect(place).invoke(prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._connect(place, temperature=3).invoke(prompt))

    def failure_in_a_stream(self, place, prompt):
        deltas = []
        try:
            stream_into(deltas, self._connect(place).stream(prompt))
        except Exception as error:
            return {"deltas": deltas, "error": caught(error)}
        raise AssertionError("nothing was raised")

    def leaving(self, place, prompt):
        stream = self._connect(place).stream(prompt)
        deltas = []
        for chunk in stream:
            if text_of(chunk):
                deltas.append(text_of(chunk))
                break
        stream.close()
        return {"deltas": deltas}


def text_of(message):
    return str(message.text)


def stream_into(deltas, stream):
    whole = None
    for chunk in stream:
        if text_of(chunk):
            deltas.append(text_of(chunk))
        whole = chunk if whole is None else whole + chunk
    return whole


def usage_of(message):
    used = message.usage_metadata
    return usage(used["input_tokens"], used["output_tokens"])


serve({"Responses": LangChain(True), "Chat Completions": LangChain(False)})
