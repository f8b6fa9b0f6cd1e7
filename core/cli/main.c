#include "cruet/main.h"

int main(int argc, char **argv)
{
	return cruet_main(argc, argv);
}
