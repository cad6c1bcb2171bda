/* Mail providers where anybody has an address: such a domain says nothing of
 * the company somebody works for. From the providers' own lists of the
 * domains they hand out; countries are covered by the first label. */
#include <string.h>

#include "base/text.h"
#include "event/accounts.h"
#include "base/banned.h"

/* Providers with one domain per country: yahoo.fr, outlook.com.br … */
static const char *const families[] = {"aol.",    "gmx.",     "hotmail.",
                                       "live.",   "outlook.", "yahoo.",
                                       "yandex.", NULL};

static const char *const providers[] = {"126.com",
                                        "139.com",
                                        "163.com",
                                        "189.cn",
                                        "aim.com",
                                        "alice.it",
                                        "arcor.de",
                                        "att.net",
                                        "bellsouth.net",
                                        "bigpond.com",
                                        "bk.ru",
                                        "bluewin.ch",
                                        "bol.com.br",
                                        "btinternet.com",
                                        "charter.net",
                                        "comcast.net",
                                        "cox.net",
                                        "daum.net",
                                        "disroot.org",
                                        "docomo.ne.jp",
                                        "duck.com",
                                        "earthlink.net",
                                        "email.cz",
                                        "email.com",
                                        "ezweb.ne.jp",
                                        "fastmail.com",
                                        "fastmail.fm",
                                        "foxmail.com",
                                        "free.fr",
                                        "freenet.de",
                                        "gmail.com",
                                        "googlemail.com",
                                        "hanmail.net",
                                        "hey.com",
                                        "hushmail.com",
                                        "icloud.com",
                                        "inbox.ru",
                                        "interia.pl",
                                        "kakao.com",
                                        "kpnmail.nl",
                                        "laposte.net",
                                        "libero.it",
                                        "list.ru",
                                        "mac.com",
                                        "mail.com",
                                        "mail.de",
                                        "mail.ru",
                                        "mailbox.org",
                                        "mailfence.com",
                                        "me.com",
                                        "msn.com",
                                        "nate.com",
                                        "naver.com",
                                        "ntlworld.com",
                                        "o2.pl",
                                        "onet.pl",
                                        "op.pl",
                                        "optonline.net",
                                        "optusnet.com.au",
                                        "orange.fr",
                                        "passport.com",
                                        "pm.me",
                                        "posteo.de",
                                        "posteo.net",
                                        "proton.me",
                                        "protonmail.ch",
                                        "protonmail.com",
                                        "qq.com",
                                        "rambler.ru",
                                        "rediffmail.com",
                                        "riseup.net",
                                        "rocketmail.com",
                                        "rogers.com",
                                        "sapo.pt",
                                        "sbcglobal.net",
                                        "seznam.cz",
                                        "sfr.fr",
                                        "shaw.ca",
                                        "simplelogin.com",
                                        "sina.com",
                                        "sky.com",
                                        "skynet.be",
                                        "softbank.ne.jp",
                                        "sohu.com",
                                        "sympatico.ca",
                                        "t-online.de",
                                        "telenet.be",
                                        "terra.com.br",
                                        "tiscali.it",
                                        "tuta.com",
                                        "tuta.io",
                                        "tutamail.com",
                                        "tutanota.com",
                                        "ukr.net",
                                        "uol.com.br",
                                        "verizon.net",
                                        "virgilio.it",
                                        "virginmedia.com",
                                        "vodafone.it",
                                        "wanadoo.fr",
                                        "web.de",
                                        "wp.pl",
                                        "xtra.co.nz",
                                        "yeah.net",
                                        "ymail.com",
                                        "ziggo.nl",
                                        "zoho.com",
                                        "zohomail.com",
                                        NULL};

bool accounts_free_mail(const char *domain)
{
    for (const char *const *name = families; *name; name++) {
        size_t len = strlen(*name);
        char start[16] = {0};

        memcpy(start, domain, strnlen(domain, len));
        if (text_casecmp(start, *name) == 0 && strlen(domain) <= len + 6)
            return true;
    }
    for (const char *const *name = providers; *name; name++)
        if (text_casecmp(domain, *name) == 0)
            return true;
    return false;
}
