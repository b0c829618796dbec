"""Calls that schemathesis makes up from the API's own description, sent through the real site and held to it.

Generated first, then sent: Hypothesis draws without a loop, the site answers in one. Derandomised in CI, so that a
red run is red again; tests/long draws more, and anew.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi import from_dict

from liuhen.base.crypto import new_token
from liuhen.edge.api.app import operations
from liuhen.edge.api.openapi import describe
from liuhen.edge.api.ops import Op
from tests.edge.doors import BASE, Caller

# positive_data_acceptance: whether money or stock is there, a schema cannot say. ignored_auth and the stateful ones ask
# once more over a transport of their own; tests/edge/who_may asks all of it. The two phases with other methods and
# missing headers are not drawn here: tests/edge/test_requests.py.
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


@dataclass
class Fuzz:
    """Draws `count` good and `count` bad calls per operation. known: ids of things that exist, by parameter name."""

    count: int
    known: dict[str, str]
    derandomize: bool = True
    faults: list[str] = field(default_factory=list)
    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    async def tries(self, op: Op, callers: dict[str, Caller]) -> None:
        """Sends every case with each caller's token; what breaks the description is in `faults`."""
        for case in self._cases(op):
            for name, caller in callers.items():
                await self._one(op, case, name, caller)

    def _cases(self, op: Op) -> list[Case]:
        described = schema()[_path(op)][op.method]
        names = {item["name"] for item in described.definition.raw.get("parameters", ()) if item["in"] == "path"}
        known = {name: self.known[name] for name in names if name in self.known}
        found: list[Case] = []
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            found += self._drawn(described, mode)
            if known:
                fixed = {**dict.fromkeys(names, "0"), **known}
                found += self._drawn(described, mode, path_parameters=fixed)
                if mode is GenerationMode.POSITIVE:
                    for case in found:
                        case.body = self._real(case.body)
        return found

    def _real(self, body: Any, name: str = "") -> Any:
        """The same with ids of things that exist, where names tell what they are of."""
        if isinstance(body, dict):
            return {key: self._real(value, key) for key, value in body.items()}
        if isinstance(body, list):
            return [self._real(item, name.removesuffix("s")) for item in body][: 1 if name.endswith("_ids") else None]
        return self.known.get(name, body) if isinstance(body, str) and name.endswith("_id") else body

    def _drawn(self, described: Any, mode: GenerationMode, **fixed: Any) -> list[Case]:
        cases: list[Case] = []

        @settings(
            max_examples=self.count,
            phases=[Phase.generate],
            derandomize=self.derandomize,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(described.as_strategy(generation_mode=mode, **fixed))
        def draw(case: Case) -> None:
            cases.append(case)

        try:
            draw()
        except Unsatisfiable:  # no parameters, no body: nothing that could be wrong
            assert mode is GenerationMode.NEGATIVE
        return cases

    async def _one(self, op: Op, case: Case, name: str, caller: Caller) -> None:
        asked = requests.Request(**_plain(case)).prepare()
        headers = {key: value for key, value in asked.headers.items() if key.lower() != "authorization"}
        if op.once and case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
            headers["Idempotency-Key"] = new_token("")  # the same key twice is its own test
        answer = await caller.client.request(
            asked.method or "GET", asked.url or "/", content=asked.body, headers=headers
        )
        self.sent += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        try:
            case.validate_response(answer, checks=checks())
        except (FailureGroup, Failure) as error:
            faults = getattr(error, "exceptions", [error])
            self.faults.append(
                f"{op.method} {op.path} as {name}: {[f'{type(f).__name__}: {f.message}'[:400] for f in faults]}"
                f" asked {asked.url} {str(asked.body)[:300]} answered {answer.status_code} {answer.text[:300]}"
            )


@cache
def schema() -> Any:
    """The description, loaded once."""
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})  # ours is sent instead
    return from_dict(describe(operations(), BASE), config=config)


@cache
def checks() -> list[Any]:
    load_all_checks()
    return [CHECKS.get_one(name) for name in _CHECKS]


def _plain(case: Case) -> dict[str, Any]:
    wanted = ("method", "url", "headers", "params", "json", "data", "cookies")
    return {key: value for key, value in case.as_transport_kwargs(base_url=BASE).items() if key in wanted}


def _path(op: Op) -> str:
    return (
        f"/api/v1{'/'.join(part.split(':')[0] + '}' if part.startswith('{') else part for part in op.path.split('/'))}"
    )
