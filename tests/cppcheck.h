/* For cppcheck, which does not read jansson's headers: what its loops do with their variables. */
#define json_object_foreach(object, key, value) for (key = ""; (value = object) != 0;)
#define json_array_foreach(array, index, value) for (index = 0; (value = array) != 0; index++)
