// Debian packages Boost.JSON apart from the headers; its header-only form needs one translation
// unit.
#include <boost/json/src.hpp>
