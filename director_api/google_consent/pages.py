"""What the mailbox's owner sees: small pages without scripts, styles or anything from elsewhere."""

from html import escape

from fastapi.responses import HTMLResponse

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class ConsentFailure(Exception):  # noqa: N818  # because it becomes a page, not a traceback
    """Why a consent came to nothing, with a stable ``code`` and what to do."""

    def __init__(self, code: str, message: str, hint: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status


def start_page(address: str, google_url: str) -> HTMLResponse:
    """Lead on to Google."""
    body = (
        f"<p>The verification of email profiles asks to read the headers of the mailbox <b>{escape(address)}</b>.</p>"
        f"<p>Sign in to Google as {escape(address)} and allow what is asked for.</p>"
        f'<p><a id="continue" href="{escape(google_url, quote=True)}">Continue to Google</a></p>'
    )
    return _page("Consent for a mailbox", body, 200)


def done_page(address: str) -> HTMLResponse:
    """The consent is stored."""
    body = (
        f"<p id='done'>The mailbox <b>{escape(address)}</b> can be verified now. You can close this page.</p>"
    )
    return _page("Consent given", body, 200)


def failure_page(failure: ConsentFailure) -> HTMLResponse:
    """Say what went wrong and what to do."""
    body = (
        f"<p>{escape(failure.message)}</p><p>{escape(failure.hint)}</p>"
        f'<p>Code: <code id="code">{escape(failure.code)}</code></p>'
    )
    return _page("No consent", body, failure.status)


def _page(title: str, body: str, status: int) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width">'
    html = f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>'
    return HTMLResponse(html, status, headers=_HEADERS)
