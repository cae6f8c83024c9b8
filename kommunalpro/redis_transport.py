"""The way to the queue: kombu's own, except that a worker outlives the Redis it was connected to."""

from kombu.transport import redis


class Channel(redis.Channel):
    """Closes to the end, also where Redis went while it waited for the next message.

    kombu 5.7 reads what it still waits for before it closes a channel. Where Redis has gone that raises, so nothing was
    closed; celery 5.7 closes the connection once more, after the channel lost its address, and the worker ends with
    “'NoneType' object has no attribute 'hostname'”. It depends on which of a worker's connections notices first.
    """

    def close(self) -> None:
        """Close. Raises what kombu does where Redis cannot take back the messages that nobody has acknowledged."""
        try:
            super().close()
        except self.connection_errors:  # type: ignore[attr-defined]  # its types forget it
            if self.closed:
                raise
            # Nothing is waited for any more.
            super().close()


class Transport(redis.Transport):
    Channel = Channel
