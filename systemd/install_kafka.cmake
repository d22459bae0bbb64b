# SPDX-License-Identifier: MIT
#
# The unit calls the program by its installed path.

file(READ "${source}/systemd/relaywatch-kafka@.service" unit)
string(REPLACE "=/usr/libexec/" "=${CMAKE_INSTALL_PREFIX}/${libexec}/" unit "${unit}")
file(WRITE "${build}/relaywatch-kafka@.service" "${unit}")
file(INSTALL "${build}/relaywatch-kafka@.service"
     DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
