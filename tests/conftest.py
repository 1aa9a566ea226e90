"""What every test may use: where the real data and the browser are, and when a missing one is no excuse.

`FRONTDESK_REQUIRE=browser,real_data` turns a skip for one of these reasons into a failure, so that a build which should
have a browser cannot quietly go without.
"""

import gc
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine, or the first run of all, is no mistake of a test: nothing here is judged by its time.
settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("share", settings.get_profile("whole"), max_examples=40)
settings.load_profile("share")

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
KINDS = ("browser", "real_data")


def _chromium() -> Path | None:
    """Where a browser stands that the page's tests can drive, or None."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return Path(found) if found else None


def _required() -> set[str]:
    """The kinds of test that must not be skipped, as FRONTDESK_REQUIRE names them."""
    named = {kind.strip() for kind in os.environ.get("FRONTDESK_REQUIRE", "").split(",") if kind.strip()}
    if unknown := named - set(KINDS):
        message = f"FRONTDESK_REQUIRE names {', '.join(sorted(unknown))}; it knows only {', '.join(KINDS)}"
        raise pytest.UsageError(message)
    return named


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--full`: also the tests that need the whole count."""
    parser.addoption("--full", action="store_true", help="also run the tests marked full (make test-full)")


def pytest_collection_finish() -> None:
    """Lets the thousands of tests that were just collected stand outside of every later search for garbage, and has
    it search less often: a tenth of the whole run went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_configure(config: pytest.Config) -> None:
    """Refuses a misspelt FRONTDESK_REQUIRE at once, and not test by test. Properties are tried on a share of their
    examples, and on all with `--full`."""
    _required()
    if config.getoption("--full"):
        settings.load_profile("whole")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests marked `full` out unless they were asked for, and skips what this machine cannot do."""
    missing = {
        "browser": None if _chromium() else "no Chromium here (apt-get install chromium)",
        "real_data": None if SHARED_DATA.is_dir() else "no ../shared/data here",
    }
    if not config.getoption("--full") and "full" not in (config.getoption("markexpr") or ""):
        kept = [item for item in items if item.get_closest_marker("full") is None]
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full") is not None])
        items[:] = kept
    for item in items:
        for kind, why in missing.items():
            if why and item.get_closest_marker(kind):
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
    """Makes a skip a failure where FRONTDESK_REQUIRE says that this kind of test must run."""
    report = yield
    assert isinstance(report, pytest.TestReport)
    if report.skipped and not hasattr(report, "wasxfail"):
        for kind in _required():
            if item.get_closest_marker(kind):
                why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
                report.outcome = "failed"
                report.longrepr = f"{why}\nbut FRONTDESK_REQUIRE says that {kind} tests must run"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real conversations and payloads; for tests marked `real_data`."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable; for tests marked `browser`."""
    found = _chromium()
    if found is None:
        pytest.skip("no Chromium here (apt-get install chromium)")
    return found
