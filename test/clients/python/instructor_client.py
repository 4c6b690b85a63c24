import instructor
from openai import OpenAI

from exercise import Town, error_of, serve


class Instructor:
    def __init__(self, mode):
        self._mode = mode

    def _create(self, place, prompt, **settings):
        client = instructor.from_openai(
            OpenAI(base_url=place["baseUrl"], api_key=place["apiKey"], max_retries=0), mode=self._mode
        )
        return client.create(
            model=place["model"],
            messages=[{"role": "user", "content": prompt}],
            response_model=Town,
            max_retries=0,
            **settings,
        )

    def structured_output(self, place, prompt):
        return {"value": self._create(place, prompt).model_dump()}

    def wrong_key(self, place, prompt):
        return error_of(lambda: self._create(place, prompt))

    def bad_request(self, place, prompt):
        return error_of(lambda: self._create(place, prompt, temperature=3))


serve(
    {
        "Responses": Instructor(instructor.Mode.RESPONSES_TOOLS),
        "Chat Completions": Instructor(instructor.Mode.TOOLS_STRICT),
    }
)
