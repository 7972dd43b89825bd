"""Sends signed deliveries at a fixed rate, whatever the server does, and times each from the moment it was due."""

import asyncio, re, time

# A server that cannot hold the rate falls behind; nobody waits for it longer than this after the last delivery was due.
PATIENCE = 30


class Sender:
    def __init__(self, port, body, headers, connections=32):
        self.port, self.body, self.connections = port, body, connections
        fixed = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "X-GitHub-Delivery")
        self.head = f"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{fixed}"
        self.latencies, self.errors, self.due = [], 0, asyncio.Queue()

    async def send(self, reader, writer, number):
        """Whether the answer was 2xx; raises if the connection is of no more use."""
        writer.write(f"{self.head}X-GitHub-Delivery: rate-{number}\r\n\r\n".encode() + self.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(re.search(r"content-length: *(\d+)", answer)[1]))
        return answer.startswith("http/1.1 2")

    async def work(self):
        """Sends what is due over one connection, and over a new one after a failure."""
        writer = None
        while (item := await self.due.get()) is not None:
            number, time_due = item
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                accepted = await self.send(reader, writer, number)
            except (OSError, EOFError, TypeError):
                # EOFError: the server closed in the middle of an answer; TypeError: its answer had no length.
                accepted = False
                if writer is not None:
                    writer.close()
                    writer = None
            if accepted:
                self.latencies.append((time.perf_counter() - time_due) * 1000)
            else:
                self.errors += 1
        if writer is not None:
            writer.close()

    async def run(self, rate, seconds):
        workers = [asyncio.create_task(self.work()) for _ in range(self.connections)]
        begin = time.perf_counter() + 0.1
        for number in range(rate * seconds):
            time_due = begin + number / rate
            if (wait := time_due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            self.due.put_nowait((number, time_due))
        for _ in workers:
            self.due.put_nowait(None)
        _, late = await asyncio.wait(workers, timeout=PATIENCE)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        # What was never answered is an error too.
        self.errors = rate * seconds - len(self.latencies)


def send_at_rate(port, body, headers, rate, seconds):
    """The latencies of the accepted deliveries in ms, sorted, and how many were not accepted."""
    async def main():
        sender = Sender(port, body, headers)
        await sender.run(rate, seconds)
        return sorted(sender.latencies), sender.errors

    return asyncio.run(main())
