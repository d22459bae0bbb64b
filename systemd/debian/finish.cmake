# SPDX-License-Identifier: MIT
#
# Between installation and packing: what only a Debian package has. Policy wants manual pages and the
# changelog compressed, without a date inside so that the same source gives the same bytes.

set(doc "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/relaywatch")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/copyright" DESTINATION "${doc}")
file(REMOVE "${doc}/LICENSE") # it is in copyright
file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/changelog" "${doc}/changelog.Debian")
file(GLOB pages "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/man*/*")
execute_process(COMMAND gzip -9n ${pages} "${doc}/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
