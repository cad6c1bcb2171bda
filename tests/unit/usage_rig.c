/* The rig of usage's tests. It tests nothing itself. */
#include "tests/unit/usage_rig.h"

#include "base/banned.h"

struct usage_count usage_one(uint32_t account, uint32_t person, int back)
{
    return (struct usage_count){.day = TODAY - back,
                                .account = account,
                                .person = person,
                                .category = CATEGORY_AI,
                                .events = 1};
}
