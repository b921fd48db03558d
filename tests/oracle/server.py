"""A PostgreSQL server of one's own: empty, thrown away at the end, text by code point, UTC."""

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "''",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "'ISO, MDY'",
    "jit": "off",
}


def program(name):
    """Where a program of PostgreSQL 15 is: on the PATH or where Debian puts it."""
    found = shutil.which(name) or next(iter(glob.glob(f"/usr/lib/postgresql/15/bin/{name}")), None)
    if not found:
        raise SystemExit(f"{name} of PostgreSQL 15 is not here: `./dev oracle` installs it")
    return found


@contextlib.contextmanager
def server():
    """The path of the socket of a running server."""
    folder = tempfile.mkdtemp(prefix="oracle-")
    # The server refuses to run as root; Debian's package brings its own user.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = os.path.join(folder, "data")
    quiet = dict(user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    subprocess.run(
        [program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
        **quiet,
    )
    with open(os.path.join(data, "postgresql.conf"), "a") as conf:
        conf.writelines(f"{k} = {v}\n" for k, v in SETTINGS.items())
        conf.write(f"unix_socket_directories = '{folder}'\n")
    control = [program("pg_ctl"), "-D", data, "-w", "-l", os.path.join(folder, "log")]
    subprocess.run([*control, "start"], **quiet)
    try:
        yield os.path.join(folder, ".s.PGSQL.5432")
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)
