"""The S3 operations that the sample logs use, and what each one counts as.

Written by hand from the S3 user guide ("Amazon S3 server access log format" and "Logging Amazon S3 API calls"), and
not read from the project's seed: the truth must not repeat a mistake of the seed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One operation as the log names it."""

    name: str
    category: str
    is_download: bool = False
    is_upload: bool = False


GET_OBJECT = Operation("REST.GET.OBJECT", "download", is_download=True)
GET_PART = Operation("REST.GET.PART", "download", is_download=True)
WEBSITE_GET = Operation("WEBSITE.GET.OBJECT", "website", is_download=True)
WEBSITE_HEAD = Operation("WEBSITE.HEAD.OBJECT", "website")

PUT_OBJECT = Operation("REST.PUT.OBJECT", "upload", is_upload=True)
PUT_PART = Operation("REST.PUT.PART", "upload", is_upload=True)
POST_OBJECT = Operation("REST.POST.OBJECT", "upload", is_upload=True)
START_UPLOAD = Operation("REST.POST.UPLOADS", "upload")
# The completion names the size of the whole object. The parts have been counted already.
COMPLETE_UPLOAD = Operation("REST.POST.UPLOAD", "upload")

COPY_OBJECT_READ = Operation("REST.COPY.OBJECT_GET", "copy_read")
COPY_OBJECT_WRITE = Operation("REST.COPY.OBJECT", "copy_write")
COPY_PART_READ = Operation("REST.COPY.PART_GET", "copy_read")
COPY_PART_WRITE = Operation("REST.COPY.PART", "copy_write")

DELETE_OBJECT = Operation("REST.DELETE.OBJECT", "delete")
DELETE_UPLOAD = Operation("REST.DELETE.UPLOAD", "delete")
MULTI_DELETE = Operation("REST.POST.MULTI_OBJECT_DELETE", "delete")
BATCH_DELETE = Operation("BATCH.DELETE.OBJECT", "delete")

HEAD_OBJECT = Operation("REST.HEAD.OBJECT", "head")
HEAD_BUCKET = Operation("REST.HEAD.BUCKET", "head")
LIST_BUCKET = Operation("REST.GET.BUCKET", "list")
LIST_VERSIONS = Operation("REST.GET.BUCKETVERSIONS", "list")
GET_VERSIONING = Operation("REST.GET.VERSIONING", "config")
GET_LOCATION = Operation("REST.GET.LOCATION", "config")
GET_BUCKET_POLICY = Operation("REST.GET.BUCKETPOLICY", "config")
GET_TAGGING = Operation("REST.GET.OBJECT_TAGGING", "config")
PUT_ACL = Operation("REST.PUT.ACL", "config")
PREFLIGHT = Operation("REST.OPTIONS.PREFLIGHT", "other")

EXPIRE_OBJECT = Operation("S3.EXPIRE.OBJECT", "lifecycle")
CREATE_DELETE_MARKER = Operation("S3.CREATE.DELETEMARKER", "lifecycle")
TRANSITION_STANDARD_IA = Operation("S3.TRANSITION_SIA.OBJECT", "lifecycle")
EXPIRE_UPLOAD = Operation("S3.DELETE.UPLOAD", "lifecycle")
