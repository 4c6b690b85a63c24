from openai import OpenAI

from exercise import CallLog, Town, caught, error_of, serve, tool_parameters, usage


def connect(place):
    return OpenAI(base_url=place["baseUrl"], api_key=place["apiKey"], max_retries=0)


class ChatCompletions:
    def _create(self, place, prompt, **settings):
        messages = [{"role": "user", "content": prompt}]
        return connect(place).chat.completions.create(model=place["model"], messages=messages, **settings)

    def text(self, place, prompt):
        completion = self._create(place, prompt)
        used = completion.usage
        return {
            "text": completion.choices[0].message.content,
            "usage": usage(used.prompt_tokens, used.completion_tokens),
        }

    def stream(self, place, prompt):
        deltas = []
        with connect(place).chat.completions.stream(
            model=place["model"],
            messages=[{"role": "user", "content": prompt}],
            stream_options={"include_usage": True},
        ) as stream:
            for event in stream:
                if event.type == "content.delta":
                    deltas.append(event.delta)
            completion = stream.get_final_completion()
        used = completion.usage
        return {
            "deltas": deltas,
            "text": completion.choices[0].message.content,
            "usage": usage(used.prompt_tokens, used.completion_tokens),
        }

    def reasoning(self, place, prompt):
        message = self._create(place, prompt).choices[0].message
        return {"reasoning": message.reasoning_content, "text": message.content}

    def _tool_run(self, place, prompt, ask):
        log = CallLog()
        tools = [
            {"type": "function", "function": {"name": name, "strict": True, "parameters": tool_parameters(argument)}}
            for name, argument in [("get_weather", "city"), ("get_time", "zone")]
        ]
        messages = [{"role": "user", "content": prompt}]
        while True:
            message = ask(model=place["model"], messages=messages, tools=tools).choices[0].message
            if not message.tool_calls:
                return {"text": message.content, "calls": log.calls}
            messages.append(message)
            for call in message.tool_calls:
                output = log.run(call.function.name, call.function.arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": output})

    def tools(self, place, prompt):
        return self._tool_run(place, prompt, connect(place).chat.completions.create)

    def streamed_tools(self, place, prompt):
        deltas = []

        def ask(**request):
            with connect(place).chat.completions.stream(**request) as stream:
                deltas.extend(event.delta for event in stream if event.type == "content.delta")
                return stream.get_final_completion()

        return {**self._tool_run(place, prompt, ask), "deltas": deltas}

    def conversation(self, place, prompt):
        messages = [{"role": "user", "content": prompt}]
        first = self._create(place, prompt).choices[0].message
        second = connect(place).chat.completions.create(model=place["model"], messages=[*messages, first, *messages])
        return {"text": second.choices[0].message.content}

    def structured_output(self, place, prompt):
        completion = connect(place).chat.completions.parse(
            model=place["model"], messages=[{"role": "user", "content": prompt}], response_format=Town
        )
        return {"value": completion.choices[0].message.parsed.model_dump()}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._create(place, prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._create(place, prompt, temperature=3))

    def failure_in_a_stream(self, place, prompt):
        deltas = []
        try:
            for chunk in self._create(place, prompt, stream=True):
                deltas.append(chunk.choices[0].delta.content or "")
        except Exception as error:
            return {"deltas": deltas, "error": caught(error)}
        raise AssertionError("nothing was raised")

    def leaving(self, place, prompt):
        with self._create(place, prompt, stream=True) as stream:
            for chunk in stream:
                if chunk.choices[0].delta.content:
                    return {"deltas": [chunk.choices[0].delta.content]}


class Responses:
    def _create(self, place, prompt, **settings):
        return connect(place).responses.create(model=place["model"], input=prompt, **settings)

    def text(self, place, prompt):
        response = self._create(place, prompt)
        used = response.usage
        return {"text": response.output_text, "usage": usage(used.input_tokens, used.output_tokens)}

    def stream(self, place, prompt):
        deltas = []
        with connect(place).responses.stream(model=place["model"], input=prompt) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    deltas.append(event.delta)
            response = stream.get_final_response()
        used = response.usage
        return {
            "deltas": deltas,
            "text": response.output_text,
            "usage": usage(used.input_tokens, used.output_tokens),
        }

    def reasoning(self, place, prompt):
        response = self._create(place, prompt)
        thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.content]
        return {"reasoning": "".join(thoughts), "text": response.output_text}

    def _tool_run(self, place, prompt, ask):
        log = CallLog()
        tools = [
            {"type": "function", "name": name, "strict": True, "parameters": tool_parameters(argument)}
            for name, argument in [("get_weather", "city"), ("get_time", "zone")]
        ]
        said = [{"role": "user", "content": prompt}]
        while True:
            response = ask(model=place["model"], input=said, tools=tools)
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return {"text": response.output_text, "calls": log.calls}
            said += response.output
            for call in calls:
                output = log.run(call.name, call.arguments)
                said.append({"type": "function_call_output", "call_id": call.call_id, "output": output})

    def tools(self, place, prompt):
        return self._tool_run(place, prompt, connect(place).responses.create)

    def streamed_tools(self, place, prompt):
        deltas = []

        def ask(**request):
            with connect(place).responses.stream(**request) as stream:
                deltas.extend(event.delta for event in stream if event.type == "response.output_text.delta")
                return stream.get_final_response()

        return {**self._tool_run(place, prompt, ask), "deltas": deltas}

    def conversation(self, place, prompt):
        first = self._create(place, prompt)
        return {"text": self._create(place, prompt, previous_response_id=first.id).output_text}

    def structured_output(self, place, prompt):
        response = connect(place).responses.parse(model=place["model"], input=prompt, text_format=Town)
        return {"value": response.output_parsed.model_dump()}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._create(place, prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._create(place, prompt, temperature=3))

    def failure_in_a_stream(self, place, prompt):
        deltas = []
        failure = None
        for event in self._create(place, prompt, stream=True):
            if event.type == "response.output_text.delta":
                deltas.append(event.delta)
            if event.type == "response.failed":
                failure = event.response.error.message
        return {"deltas": deltas, "error": {"name": "response.failed", "message": failure, "status": None}}

    def leaving(self, place, prompt):
        with self._create(place, prompt, stream=True) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    return {"deltas": [event.delta]}


serve({"Responses": Responses(), "Chat Completions": ChatCompletions()})
