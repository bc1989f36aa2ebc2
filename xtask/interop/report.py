"""One line for each check, and what two calls gave, side by side."""

import sys
import time
import traceback


class Report:
    """Counts checks; goes on after one that fails."""

    def __init__(self):
        self.passed, self.failed = 0, []

    def check(self, name, act):
        begun = time.monotonic()
        try:
            act()
        except Exception:
            self.failed.append(name)
            print(f"   FAILED  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
        else:
            self.passed += 1
            print(f"   ok  {name}  ({time.monotonic() - begun:.2f} s)", flush=True)

    def end(self):
        """Prints the sum; gives the exit code."""
        print(f"   {self.passed} checks passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0


def plain(value):
    """What an SDK gave, as values that compare by content."""
    if hasattr(value, "model_dump"):
        identity = getattr(value, "_request_id", None)
        return {"kind": type(value).__name__, "request_id": identity, **value.model_dump(mode="json", warnings=False)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def whole(value, items):
    """The value; of a stream its items, which are also there if it breaks off."""
    if not hasattr(value, "__next__"):
        return value
    for item in value:
        items.append(item)
    return items


def outcome(call, client):
    """The value that a call gives, or the exception that it raises with all that a caller could branch on."""
    items = []
    try:
        return {"value": plain(whole(call(client), items))}
    except Exception as error:
        response = getattr(error, "response", None)
        return {
            "raised": type(error).__name__,
            "items_before": plain(items),
            "status": getattr(error, "status_code", None),
            "text": str(error),
            "body": getattr(error, "body", None),
            "code": getattr(error, "code", None),
            "request_id": getattr(error, "request_id", None),
            "retry_after": response is not None and response.headers.get("retry-after"),
        }


def equal(first, second, what):
    """Fails with the first place where two values differ."""
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        for key in first:
            equal(first[key], second[key], f"{what}.{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for index, pair in enumerate(zip(first, second)):
            equal(*pair, f"{what}[{index}]")
    else:
        assert first == second, f"{what}: {first!r} is not {second!r}"
