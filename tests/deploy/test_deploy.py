"""The files that put the desk on a machine: hardened, and no alarm about a metric that there is not.

Nothing is started here: what was seen of them once they ran stands in `docs/operations.md`.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from bot import metrics
from bot.running import LONGEST_STOP

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RULES = [rule for group in yaml.safe_load((DEPLOY / "alarms.yaml").read_text(encoding="utf-8"))["groups"]
         for rule in group["rules"]]  # fmt: skip
MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNIT = (DEPLOY / "redsteward.service").read_text(encoding="utf-8")
SECRETS = ("TOKEN", "PASSWORD", "SECRET", "DATABASE_URL")


def metric_names() -> set[str]:
    """Return every name that /metrics may show of us."""
    assert metrics.WAITING is not None
    return {name for family in REGISTRY.collect() for name in _names(family) if name.startswith("redsteward_")}


def _names(family: Any) -> list[str]:
    return [f"{family.name}_total"] if family.type == "counter" else [family.name]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert not service["user"].startswith(("0", "root"))
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert service.keys() >= {"mem_limit", "cpus", "pids_limit", "healthcheck", "restart"}
    assert not service.keys() & {"privileged", "network_mode", "pid", "ipc", "devices"}


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_uses_is_declared_and_no_secret_stands_in_the_file(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or source.startswith("./")
        assert not source.endswith("docker.sock")
    for key in service.get("environment", {}):
        assert not any(word in key for word in SECRETS) or key.endswith("_FILE")


def test_only_the_proxy_is_seen_from_outside_and_the_database_has_no_way_out() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["outside"]
    assert set(SERVICES["bot-1"]["networks"]) == {"inside", "outside"}


def test_a_bot_reads_the_file_as_it_is_now_when_reload_is_said() -> None:
    """A mounted file is the one that was there at the start; an editor writes another and puts it in its place."""
    [source] = [volume.split(":")[0] for volume in SERVICES["bot-1"]["volumes"] if ":/config" in volume]
    assert (DEPLOY / source).is_dir()
    assert (DEPLOY / source / ".gitignore").read_text(encoding="utf-8").split() == ["*", "!.gitignore"]
    assert f"cp ../config.yaml {source.removeprefix('./')}/" in MANUAL


def test_the_proxy_may_write_where_its_certificates_lie_without_anybody_giving_it_the_folder() -> None:
    """The image makes /data/caddy writable for any user (since Caddy 2.11.1), and a new volume takes that over."""
    assert "certificates:/data/caddy" in SERVICES["proxy"]["volumes"]
    assert SERVICES["proxy"]["environment"]["XDG_DATA_HOME"] == "/data"
    assert "chown 10002" not in MANUAL


def test_the_manual_asks_for_every_secret_and_every_variable() -> None:
    told = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    [secrets] = re.findall(r"^    for name in (.+); do$", MANUAL, re.MULTILINE)
    assert set(secrets.split()) == set(COMPOSE["secrets"])
    [variables] = re.findall(r"printf '(.+)' > \.env$", MANUAL, re.MULTILINE)
    assert set(re.findall(r"\$\{(\w+)", told)) == set(re.findall(r"([A-Z_]+)=", variables))
    for secret in COMPOSE["secrets"].values():
        assert Path(secret["file"]).parent == Path("secrets")


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_that_a_variable_names_is_given_to_the_service(name: str) -> None:
    service = SERVICES[name]
    asked = {value for key, value in service.get("environment", {}).items() if key.endswith("_FILE")}
    assert asked == {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}


def test_there_are_two_bots_and_they_are_the_same() -> None:
    assert SERVICES["bot-1"] == SERVICES["bot-2"]
    assert "readyz" in SERVICES["bot-1"]["healthcheck"]["test"][-1]


def test_nobody_is_killed_before_the_desk_has_stopped() -> None:
    assert int(SERVICES["bot-1"]["stop_grace_period"].removesuffix("s")) > LONGEST_STOP
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0]) > LONGEST_STOP


def test_the_proxy_keeps_to_itself_what_is_for_operators() -> None:
    told = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "@inside path /metrics* /readyz* /livez*" in told
    assert "respond @inside 404" in told
    assert told.count("{") == told.count("}")
    for bot in ("bot-1:8080", "bot-2:8080"):
        assert bot in told


def test_the_image_has_no_root_and_no_secret() -> None:
    told = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    last = told.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert "/readyz" in last
    assert not re.search(r"^(ARG|ENV).*(TOKEN|PASSWORD|SECRET)", told, re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", told, re.MULTILINE)
    assert all((ROOT / name).exists() for line in copied for name in line.split())
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    assert {name for line in copied for name in line.split()} == {name[1:] for name in ignored if name.startswith("!")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_asks_for_what_there_is_and_is_explained(rule: dict[str, Any]) -> None:
    asked = set(re.findall(r"redsteward_\w+", rule["expr"]))
    assert asked
    assert asked <= metric_names()
    assert f"`{rule['alert']}`" in MANUAL
    assert rule["labels"]["severity"] in ("page", "look")
    assert rule["annotations"]["summary"]


def test_every_metric_is_explained() -> None:
    explained = set(re.findall(r"`(redsteward_\w+)", MANUAL))
    assert metric_names() <= explained
    assert explained <= metric_names()


def test_labels_in_alarms_are_those_we_set() -> None:
    expressions = " ".join(rule["expr"] for rule in RULES)
    assert set(re.findall(r'how="(\w+)"', expressions)) <= {"take", "tell", "drop", "repeat"}
    assert set(re.findall(r'outcome="(\w+)"', expressions)) <= {"delivered", "later", "refused", "moved"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_unit_and_finds_it_tight(tmp_path: Path) -> None:
    unit = tmp_path / "redsteward.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in verified.stderr.splitlines() if "redsteward" in line]
    assert ours == []
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-500:]
