import litellm

from exercise import CallLog, Town, caught, error_of, serve, tool_parameters, usage


class ChatCompletions:
    def _complete(self, place, messages, **settings):
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        return litellm.completion(
            model=f"openai/{place['model']}",
            api_base=place["baseUrl"],
            api_key=place["apiKey"],
            messages=messages,
            max_retries=0,
            **settings,
        )

    def text(self, place, prompt):
        completion = self._complete(place, prompt)
        return {"text": completion.choices[0].message.content, "usage": usage_of(completion)}

    def stream(self, place, prompt):
        chunks = list(self._complete(place, prompt, stream=True, stream_options={"include_usage": True}))
        whole = litellm.stream_chunk_builder(chunks)
        return {
            "deltas": [text for chunk in chunks for text in [delta_of(chunk)] if text],
            "text": whole.choices[0].message.content,
            "usage": usage_of(whole),
        }

    def reasoning(self, place, prompt):
        message = self._complete(place, prompt).choices[0].message
        return {"reasoning": message.reasoning_content, "text": message.content}

    def _tool_run(self, place, prompt, ask):
        log = CallLog()
        tools = [
            {"type": "function", "function": {"name": name, "parameters": tool_parameters(argument)}}
            for name, argument in [("get_weather", "city"), ("get_time", "zone")]
        ]
        messages = [{"role": "user", "content": prompt}]
        while True:
            message = ask(messages, tools)
            if not message.tool_calls:
                return {"text": message.content, "calls": log.calls}
            messages.append(message.model_dump())
            for call in message.tool_calls:
                output = log.run(call.function.name, call.function.arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": output})

    def tools(self, place, prompt):
        def ask(messages, tools):
            return self._complete(place, messages, tools=tools).choices[0].message

        return self._tool_run(place, prompt, ask)

    def streamed_tools(self, place, prompt):
        deltas = []

        def ask(messages, tools):
            chunks = list(self._complete(place, messages, tools=tools, stream=True))
            deltas.extend(delta_of(chunk) for chunk in chunks)
            return litellm.stream_chunk_builder(chunks).choices[0].message

        return {**self._tool_run(place, prompt, ask), "deltas": deltas}

    def conversation(self, place, prompt):
        messages = [{"role": "user", "content": prompt}]
        first = self._complete(place, messages).choices[0].message
        second = self._complete(place, [*messages, first.model_dump(exclude_none=True), *messages])
        return {"text": second.choices[0].message.content}

    def structured_output(self, place, prompt):
        completion = self._complete(place, prompt, response_format=Town)
        return {"value": Town.model_validate_json(completion.choices[0].message.content).model_dump()}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._complete(place, prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._complete(place, prompt, temperature=3))

    def failure_in_a_stream(self, place, prompt):
        deltas = []
        try:
            for chunk in self._complete(place, prompt, stream=True):
                deltas.append(delta_of(chunk))
        except Exception as error:
            return {"deltas": deltas, "error": caught(error)}
        raise AssertionError("nothing was raised")

    def leaving(self, place, prompt):
        stream = self._complete(place, prompt, stream=True)
        for chunk in stream:
            if delta_of(chunk):
                stream.completion_stream.close()
                return {"deltas": [delta_of(chunk)]}


class Responses:
    def _respond(self, place, prompt, **settings):
        return litellm.responses(
            model=f"openai/{place['model']}",
            api_base=place["baseUrl"],
            api_key=place["apiKey"],
            input=prompt,
            **settings,
        )

    def text(self, place, prompt):
        response = self._respond(place, prompt)
        used = response.usage
        return {"text": output_text(response), "usage": usage(used.input_tokens, used.output_tokens)}

    def stream(self, place, prompt):
        deltas = []
        for event in self._respond(place, prompt, stream=True):
            if event.type == "response.output_text.delta":
                deltas.append(event.delta)
            if event.type == "response.completed":
                response = event.response
        used = response.usage
        return {
            "deltas": deltas,
            "text": output_text(response),
            "usage": usage(used.input_tokens, used.output_tokens),
        }

    def reasoning(self, place, prompt):
        response = self._respond(place, prompt)
        thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.content]
        return {"reasoning": "".join(thoughts), "text": output_text(response)}

    def tools(self, place, prompt):
        log = CallLog()
        tools = [
            {"type": "function", "name": name, "parameters": tool_parameters(argument)}
            for name, argument in [("get_weather", "city"), ("get_time", "zone")]
        ]
        said = [{"role": "user", "content": prompt}]
        while True:
            response = self._respond(place, said, tools=tools)
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return {"text": output_text(response), "calls": log.calls}
            said += [item.model_dump(exclude_none=True) for item in response.output]
            for call in calls:
                output = log.run(call.name, call.arguments)
                said.append({"type": "function_call_output", "call_id": call.call_id, "output": output})

    def structured_output(self, place, prompt):
        response = self._respond(place, prompt, text_format=Town)
        return {"value": Town.model_validate_json(output_text(response)).model_dump()}

    def conversation(self, place, prompt):
        first = self._respond(place, prompt)
        return {"text": output_text(self._respond(place, prompt, previous_response_id=first.id))}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._respond(place, prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._respond(place, prompt, temperature=3))


def delta_of(chunk):
    return (chunk.choices[0].delta.content or "") if chunk.choices else ""


def output_text(response):
    return "".join(part.text for item in response.output if item.type == "message" for part in item.content)


def usage_of(completion):
    return usage(completion.usage.prompt_tokens, completion.usage.completion_tokens)


serve({"Responses": Responses(), "Chat Completions": ChatCompletions()})
