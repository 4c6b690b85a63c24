from pydantic_ai import Agent
from pydantic_ai.messages import ThinkingPart
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.output import NativeOutput
from pydantic_ai.providers.openai import OpenAIProvider

from exercise import CallLog, Town, caught, error_of, serve, usage


class PydanticAI:
    def __init__(self, model_class):
        self._model_class = model_class

    def _agent(self, place, **settings):
        provider = OpenAIProvider(base_url=place["baseUrl"], api_key=place["apiKey"])
        return Agent(self._model_class(place["model"], provider=provider), **settings)

    async def text(self, place, prompt):
        result = await self._agent(place).run(prompt)
        return {"text": result.output, "usage": usage_of(result)}

    async def stream(self, place, prompt):
        async with self._agent(place).run_stream(prompt) as result:
            deltas = [delta async for delta in result.stream_text(delta=True, debounce_by=None)]
            return {"deltas": deltas, "text": await result.get_output(), "usage": usage_of(result)}

    async def reasoning(self, place, prompt):
        result = await self._agent(place).run(prompt)
        parts = [part for message in result.all_messages() for part in message.parts]
        thoughts = [part for part in parts if isinstance(part, ThinkingPart)]
        raw = [text for part in thoughts for text in (part.provider_details or {}).get("raw_content", [])]
        return {"reasoning": "".join(raw or [part.content for part in thoughts]), "text": result.output}

    async def tools(self, place, prompt):
        log = CallLog()
        result = await self._agent(place, tools=[log.get_weather, log.get_time]).run(prompt)
        return {"text": result.output, "calls": log.calls}

    async def streamed_tools(self, place, prompt):
        log = CallLog()
        async with self._agent(place, tools=[log.get_weather, log.get_time]).run_stream(prompt) as result:
            deltas = [delta async for delta in result.stream_text(delta=True, debounce_by=None)]
            return {"deltas": deltas, "text": await result.get_output(), "calls": log.calls}

    async def conversation(self, place, prompt):
        settings = {}
        if self._model_class is OpenAIResponsesModel:
            settings = {"model_settings": {"openai_previous_response_id": "auto"}}
        agent = self._agent(place, **settings)
        first = await agent.run(prompt)
        return {"text": (await agent.run(prompt, message_history=first.all_messages())).output}

    async def structured_output(self, place, prompt):
        result = await self._agent(place, output_type=NativeOutput(Town, strict=True)).run(prompt)
        return {"value": result.output.model_dump()}

    async def wrong_key(self, place, prompt):
        return await error_of(self._agent(place).run(prompt))

    async def bad_request(self, place, prompt):
        return await error_of(self._agent(place, model_settings={"temperature": 3}).run(prompt))

    async def failure_in_a_stream(self, place, prompt):
        deltas = []
        try:
            async with self._agent(place).run_stream(prompt) as result:
                async for delta in result.stream_text(delta=True, debounce_by=None):
                    deltas.append(delta)
        except Exception as error:
            return {"deltas": deltas, "error": caught(error)}
        raise AssertionError("nothing was raised")

    async def leaving(self, place, prompt):
        async with self._agent(place).run_stream(prompt) as result:
            async for delta in result.stream_text(delta=True, debounce_by=None):
                await result.cancel()
                return {"deltas": [delta]}


def usage_of(result):
    used = result.usage() if callable(result.usage) else result.usage
    return usage(used.input_tokens, used.output_tokens)


serve({"Responses": PydanticAI(OpenAIResponsesModel), "Chat Completions": PydanticAI(OpenAIChatModel)})
