# SPDX-License-Identifier: MIT
#
# Settings of CPack for the Debian package relaywatch-kafka: those of relaywatch, but for these. It is
# one of its own so that relaywatch does not need librdkafka.
include("@CMAKE_BINARY_DIR@/CPackConfig.cmake")
set(CPACK_INSTALL_CMAKE_PROJECTS "@CMAKE_BINARY_DIR@;relaywatch;kafka;/")
set(CPACK_PACKAGE_NAME relaywatch-kafka)
set(CPACK_DEBIAN_PACKAGE_NAME relaywatch-kafka)
set(CPACK_PACKAGE_FILE_NAME relaywatch-kafka-@PROJECT_VERSION@)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "relaywatch (= @PROJECT_VERSION@-1), systemd (>= 252)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "")
set(CPACK_DEBIAN_PACKAGE_ENHANCES relaywatch)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "read the logs of Postfix servers from Kafka for relaywatch")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"relaywatch follows the log of Postfix servers and alerts when they are abused.
This program reads the lines from topics of Apache Kafka, and hands them to
relaywatch, which has no network. systemd starts it by a socket.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "@CMAKE_SOURCE_DIR@/systemd/debian/kafka/postinst"
    "@CMAKE_SOURCE_DIR@/systemd/debian/kafka/prerm" "@CMAKE_SOURCE_DIR@/systemd/debian/kafka/postrm")
set(CPACK_PRE_BUILD_SCRIPTS "@CMAKE_SOURCE_DIR@/systemd/debian/kafka/finish.cmake")
