"""The console's built files, served at /console/ beside the API."""

from os import PathLike, stat_result
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

PLACE: Final = "/console"
IN_A_CHECKOUT: Final = Path(__file__).parent.parent / "console" / "dist"
_HASHED: Final = "assets"
"""What is in this folder carries a hash of its content in its name."""


def built_console(folder: Path | None) -> Path | None:
    """Find the built console: in ``folder``, or where a checkout builds it; null where it isn't built.

    Raises:
        ValueError: ``folder`` is named and holds no built console.
    """
    if folder is not None and not (folder / "index.html").is_file():
        raise ValueError(f"{folder} holds no index.html; `make console` builds the console")
    place = folder or IN_A_CHECKOUT
    return place if (place / "index.html").is_file() else None


def install(app: FastAPI, folder: Path, issuer: str | None) -> None:
    """Serve the console in ``folder``, and lead people who open the Director's address there."""
    app.mount(PLACE, _ConsoleFiles(folder, issuer), name="console")

    @app.get("/", include_in_schema=False)
    async def lead_to_the_console() -> RedirectResponse:
        return RedirectResponse(f"{PLACE.lstrip('/')}/")


class _ConsoleFiles(StaticFiles):
    def __init__(self, folder: Path, issuer: str | None) -> None:
        super().__init__(directory=folder, html=True)
        self._headers = {
            "Content-Security-Policy": _policy(issuer),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        hashed = Path(full_path).parent.name == _HASHED
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        answer.headers.update(self._headers)
        return answer


def _policy(issuer: str | None) -> str:
    """Nothing but the console's own files and the Director; of the issuer what signing in asks for."""
    origin = "" if issuer is None else " {0.scheme}://{0.netloc}".format(urlsplit(issuer))
    own = "; ".join(f"{kind}-src 'self'" for kind in ("script", "style", "img"))
    return (
        f"default-src 'none'; {own}; connect-src 'self'{origin}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
