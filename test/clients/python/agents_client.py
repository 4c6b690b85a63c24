from agents import Agent, ModelSettings, OpenAIProvider, RunConfig, Runner, function_tool

from exercise import CallLog, Town, caught, error_of, serve, usage


class Agents:
    def __init__(self, use_responses):
        self._use_responses = use_responses

    def _config(self, place):
        provider = OpenAIProvider(
            base_url=place["baseUrl"], api_key=place["apiKey"], use_responses=self._use_responses
        )
        # Traces would go to api.openai.com.
        return RunConfig(model_provider=provider, tracing_disabled=True)

    def _run(self, place, prompt, **settings):
        agent = Agent(name="assistant", model=place["model"], **settings)
        return Runner.run(agent, prompt, run_config=self._config(place))

    def _run_streamed(self, place, prompt, **settings):
        agent = Agent(name="assistant", model=place["model"], **settings)
        return Runner.run_streamed(agent, prompt, run_config=self._config(place))

    async def text(self, place, prompt):
        result = await self._run(place, prompt)
        used = result.context_wrapper.usage
        return {"text": result.final_output, "usage": usage(used.input_tokens, used.output_tokens)}

    async def stream(self, place, prompt):
        result = self._run_streamed(place, prompt, model_settings=ModelSettings(include_usage=True))
        deltas = [delta async for delta in texts(result)]
        used = result.context_wrapper.usage
        return {
            "deltas": deltas,
            "text": result.final_output,
            "usage": usage(used.input_tokens, used.output_tokens),
        }

    async def reasoning(self, place, prompt):
        result = await self._run(place, prompt)
        items = [item.raw_item for item in result.new_items if item.type == "reasoning_item"]
        thoughts = [part.text for item in items for part in (item.content or item.summary)]
        return {"reasoning": "".join(thoughts), "text": result.final_output}

    async def tools(self, place, prompt):
        log = CallLog()
        result = await self._run(place, prompt, tools=tools_of(log))
        return {"text": result.final_output, "calls": log.calls}

    async def streamed_tools(self, place, prompt):
        log = CallLog()
        result = self._run_streamed(place, prompt, tools=tools_of(log))
        deltas = [delta async for delta in texts(result)]
        return {"text": result.final_output, "calls": log.calls, "deltas": deltas}

    async def conversation(self, place, prompt):
        first = await self._run(place, prompt)
        agent = Agent(name="assistant", model=place["model"])
        if self._use_responses:
            second = await Runner.run(
                agent, prompt, previous_response_id=first.last_response_id, run_config=self._config(place)
            )
        else:
            said = [*first.to_input_list(), {"role": "user", "content": prompt}]
            second = await Runner.run(agent, said, run_config=self._config(place))
        return {"text": second.final_output}

    async def structured_output(self, place, prompt):
        result = await self._run(place, prompt, output_type=Town)
        return {"value": result.final_output.model_dump()}

    async def handoff(self, place, prompt):
        log = CallLog()
        guide = Agent(name="guide", model=place["model"], tools=tools_of(log))
        result = await self._run(place, prompt, handoffs=[guide])
        return {"agent": result.last_agent.name, "text": result.final_output, "calls": log.calls}

    async def wrong_key(self, place, prompt):
        return await error_of(self._run(place, prompt))

    async def bad_request(self, place, prompt):
        return await error_of(self._run(place, prompt, model_settings=ModelSettings(temperature=3)))

    async def failure_in_a_stream(self, place, prompt):
        deltas = []
        try:
            async for delta in texts(self._run_streamed(place, prompt)):
                deltas.append(delta)
        except Exception as error:
            return {"deltas": deltas, "error": caught(error)}
        raise AssertionError("nothing was raised")

    async def leaving(self, place, prompt):
        result = self._run_streamed(place, prompt)
        deltas = []
        async for delta in texts(result):
            deltas.append(delta)
            result.cancel()
        return {"deltas": deltas}


def tools_of(log):
    return [function_tool(log.get_weather), function_tool(log.get_time)]


async def texts(result):
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            yield event.data.delta


serve({"Responses": Agents(True), "Chat Completions": Agents(False)})
