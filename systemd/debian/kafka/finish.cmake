# SPDX-License-Identifier: MIT
#
# As ../finish.cmake, for relaywatch-kafka.

include("${CMAKE_CURRENT_LIST_DIR}/../documents.cmake")
add_documents(relaywatch-kafka "${CMAKE_CURRENT_LIST_DIR}/lintian-overrides")
open_directories("${root}/usr")
