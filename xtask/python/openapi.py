"""Write the OpenAPI document of the installed prefect package to the file named by the first argument, and print the
version of the API that its client announces, which the document does not say.

The order of keys is the server's own, one value a line, so that two versions of the document compare well.
"""

import json
import sys

from prefect.client.constants import SERVER_API_VERSION
from prefect.server.api.server import create_app

with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as document:
    json.dump(create_app().openapi(), document, indent=2, ensure_ascii=False)
    document.write("\n")

print(SERVER_API_VERSION)
