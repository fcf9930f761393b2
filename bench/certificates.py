"""An authority of the bench's own and a certificate for this machine, so that TLS costs what it costs in life."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files. `authority` is what clients trust."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def words(self) -> list[str]:
        """For the simulator's command line."""
        return ["--tls", str(self.certificate), str(self.key)]


@contextmanager
def certificates() -> Iterator[Certificates]:
    with TemporaryDirectory(prefix="funding-bench-") as folder:
        files = Certificates(*(Path(folder) / name for name in ("authority.pem", "certificate.pem", "key.pem")))
        authority = trustme.CA()
        made = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(files.authority)
        files.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(files.key)
        yield files
