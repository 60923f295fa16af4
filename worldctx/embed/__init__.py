"""Layer 5: texts to vectors."""

import os

#: onnxruntime opens its telemetry at the import, before it can be told not to.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
