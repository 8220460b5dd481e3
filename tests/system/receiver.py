"""A receiver of webhooks as a process: `python -m tests.system.receiver PORT FILE KEY [PATH]`.

It checks every signature with the official package, writes down what it took (id and hash of the body), and only then
answers: killed in between, it has an alert whose sender does not know it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
from pathlib import Path

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


async def serve(port: int, file: Path, key: str, path: str = "/hook", refusing: str = "0.02") -> None:
    kept = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    checker = Webhook(key)

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            checker.verify(body, dict(request.headers))
        except WebhookVerificationError as fault:
            os.write(kept, f"unverified {fault}\n".encode())
            return web.Response(status=400)
        os.write(kept, f"{request.headers['webhook-id']} {hashlib.sha256(body).hexdigest()}\n".encode())
        await asyncio.sleep(random.uniform(0, 0.02))
        if random.random() < float(refusing):
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post(path, take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
