"""Records with CPython what the programs of programs.txt print.

Usage: python3 tests/python/record.py tests/python/programs.txt
"""
import ast
import contextlib
import io
import sys


def shown(code):
    out = io.StringIO()
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(out):
        try:
            tree = ast.parse(code)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = ast.Expression(tree.body.pop().value)
            exec(compile(tree, "<shell>", "exec"), names)
            if last is not None:
                value = eval(compile(last, "<shell>", "eval"), names)
                if value is not None:
                    print(repr(value), end="")
        except SyntaxError as error:
            print(f"{type(error).__name__}: {error.msg}", end="")
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", end="")
    return out.getvalue().rstrip()


def main(path):
    with open(path, encoding="utf-8") as file:
        cases = file.read().rstrip("\n").split("\n====\n")
    codes = [case.split("\n----\n")[0] for case in cases]
    text = "\n====\n".join(f"{code}\n----\n{shown(code)}" for code in codes)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")


main(sys.argv[1])
