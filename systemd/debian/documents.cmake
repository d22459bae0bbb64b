# SPDX-License-Identifier: MIT
#
# What Debian's packages have besides what is installed. Policy wants manual pages and changelog
# compressed; gzip -n leaves the date out.

set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
unset(ENV{DESTDIR}) # these paths already begin with it

# overrides: lintian's, of this package
function(add_documents package overrides)
  set(doc "${root}/usr/share/doc/${package}")
  set(here "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  file(INSTALL "${here}/copyright" DESTINATION "${doc}")
  file(INSTALL "${here}/changelog" DESTINATION "${doc}" RENAME changelog.Debian)
  file(INSTALL "${overrides}" DESTINATION "${root}/usr/share/lintian/overrides" RENAME "${package}")
  file(GLOB pages "${root}/usr/share/man/man*/*")
  execute_process(COMMAND gzip -9n ${pages} "${doc}/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# CMake made the directories under the umask, and with 077 the service could not read its settings.
function(open_directories)
  file(CHMOD_RECURSE ${ARGN} DIRECTORY_PERMISSIONS
       OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()
