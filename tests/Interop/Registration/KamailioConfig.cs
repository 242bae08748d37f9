// The configuration that a test's kamailio runs with (version 5.6, as Debian 12 has it).
namespace SipEmbedded.Interop.Tests.Registration;

internal static class KamailioConfig
{
    /// <summary>The realm of an edge proxy, where credentials of its own are asked for.</summary>
    public const string ProxyRealm = "edge.test";

    // pv_auth_check: -4 is a nonce that is too old, -6 one that was used before. auth_challenge: 1 asks for qop "auth", 16 adds "stale".
    // registrar.path_mode 1: Path is kept where the client says that it knows it. nonce_count and one_time_nonce exclude each other.
    public static string Text(KamailioOptions options, int port, string controlSocket) =>
        $$"""
        debug=1
        log_stderror=yes
        children=2
        tcp_children=1
        auto_aliases=no
        dns=no
        rev_dns=no
        listen=udp:{{options.Address}}:{{port}}
        listen=tcp:{{options.Address}}:{{port}}
        loadmodule "tm.so"
        loadmodule "tmx.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "path.so"
        loadmodule "pv.so"
        loadmodule "kex.so"
        loadmodule "corex.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        loadmodule "htable.so"
        loadmodule "jsonrpcs.so"
        modparam("jsonrpcs", "transport", 4)
        modparam("jsonrpcs", "dgram_socket", "{{controlSocket}}")
        modparam("usrloc", "db_mode", 0)
        modparam("usrloc", "timer_interval", 1)
        modparam("registrar", "min_expires", {{options.MinExpires}})
        modparam("registrar", "max_expires", {{options.MaxExpires}})
        modparam("registrar", "default_expires", {{options.DefaultExpires}})
        modparam("registrar", "use_path", 1)
        modparam("registrar", "path_mode", 1)
        modparam("auth", "algorithm", "{{options.Algorithm}}")
        modparam("auth", "nonce_expire", {{options.NonceSeconds}})
        modparam("auth", "nonce_count", {{(options.HasOneTimeNonces ? 0 : 1)}})
        modparam("auth", "one_time_nonce", {{(options.HasOneTimeNonces ? 1 : 0)}})
        modparam("htable", "htable", "passwords=>size=4;")
        event_route[htable:mod-init] {
            {{string.Join('\n', options.Users.Select(user => $"$sht(passwords=>{user.Key}) = \"{user.Value}\";"))}}
        }
        {{(options.Registrar is null ? RegistrarRoute(options) : ProxyRoute(options))}}
        """;

    private static string RegistrarRoute(KamailioOptions options) =>
        $$"""
        request_route {
            if (is_method("OPTIONS")) {
                sl_send_reply("200", "OK");
                exit;
            }
            if (!is_method("REGISTER")) {
                {{(options.RoutesCalls ? CallRoute : "sl_send_reply(\"405\", \"Method Not Allowed\");")}}
                exit;
            }
            if ($sht(passwords=>$tU) == $null) {
                sl_send_reply("404", "Not Found");
                exit;
            }
            $var(checked) = -5;
            if ($adu != $null && $sht(passwords=>$au) != $null)
                $var(checked) = pv_auth_check("{{KamailioOptions.Realm}}", "$sht(passwords=>$au)", "0", "1");
            if ($var(checked) == -4 || $var(checked) == -6) {
                auth_challenge("{{KamailioOptions.Realm}}", "{{(options.TellsStale ? 17 : 1)}}");
                exit;
            }
            if ($var(checked) < 0) {
                auth_challenge("{{KamailioOptions.Realm}}", "1");
                exit;
            }
            save("location");
            exit;
        }
        """;

    // What comes inside a call goes by its Route; an ACK to a refusal, and a CANCEL, with the INVITE. Nobody challenges either (RFC 3261 §22.1).
    private const string CallRoute =
        $$"""
        if (has_totag()) {
            if (loose_route() || is_method("ACK") && t_check_trans())
                t_relay();
            else if (!is_method("ACK"))
                sl_send_reply("481", "Call/Transaction Does Not Exist");
            exit;
        }
        if (is_method("CANCEL")) {
            if (t_check_trans())
                t_relay();
            exit;
        }
        if (!pv_proxy_authenticate("{{KamailioOptions.Realm}}", "$sht(passwords=>$au)", "0")) {
            proxy_challenge("{{KamailioOptions.Realm}}", "1");
            exit;
        }
        consume_credentials();
        record_route();
        if (!lookup("location")) {
            sl_send_reply("404", "Not Found");
            exit;
        }
        t_relay();
        """;

    private static string ProxyRoute(KamailioOptions options) =>
        $$"""
        request_route {
            if (!is_method("REGISTER")) {
                sl_send_reply("405", "Method Not Allowed");
                exit;
            }
            if (!pv_proxy_authenticate("{{ProxyRealm}}", "$sht(passwords=>$au)", "0")) {
                proxy_challenge("{{ProxyRealm}}", "1");
                exit;
            }
            consume_credentials();
            loose_route();
            add_path();
            $du = "sip:{{options.Registrar}}";
            t_relay();
            exit;
        }
        """;
}
