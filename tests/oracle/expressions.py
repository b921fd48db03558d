"""Asks PostgreSQL for the values of the expressions in src/engine/eval/cases.txt and writes them back."""

import pathlib
import subprocess

from server import program, server

CASES = pathlib.Path(__file__).parents[2] / "src/engine/eval/cases.txt"


def answer(socket, expression):
    """The value as text, or SQLSTATE and message."""
    run = subprocess.run(
        [program("psql"), "-h", str(pathlib.Path(socket).parent), "-U", "postgres", "-XAtq", "-P", "null=NULL"]
        + ["-v", "VERBOSITY=verbose", "-c", f"SELECT ({expression})::text"],
        capture_output=True,
        text=True,
    )
    for line in run.stderr.splitlines():
        if "ERROR:" in line:
            return line.split("ERROR:", 1)[1].strip()
    return run.stdout.removesuffix("\n")


def main():
    with server() as socket:
        lines = []
        for line in CASES.read_text().splitlines():
            expression, arrow, _ = line.partition(" => ")
            lines.append(f"{expression} => {answer(socket, expression)}" if arrow else line)
    CASES.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
