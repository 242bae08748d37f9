// A device whose address changes, in a network of its own: within 5 s of the link's return the registrar knows the new contact, and the old one no more.
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

public class AddressTests
{
    // What a door that nobody hears is worth: somebody waits in front of it.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // From RFC 2544's range for tests of networks, which nobody routes.
    private const string Registrar = "198.18.78.1";

    private static string Configuration(Kamailio registrar) =>
        $$"""
        {
          "listen": "0.0.0.0:5060",
          "accounts": [
            { "server": "sip:{{registrar.HostPort}}", "user": "alice", "password": "secret", "transport": "udp" },
            { "server": "sip:{{registrar.HostPort}}", "user": "bob", "password": "word", "transport": "tcp" },
          ]
        }
        """;

    [NetworkFact("kamailio")]
    public void A_new_address_is_registered_within_5_s_and_the_old_contact_removed()
    {
        using var network = new NetworkNamespace($"{Registrar}/24", "198.18.78.2/24");
        using var registrar = new Kamailio(new() { Address = Registrar, Port = 5060 });
        using var device = new Registerer(Configuration(registrar), network);
        Known("198.18.78.2", Expect.Soon, "it is registered");

        // The cable is pulled, and put into another socket of the house.
        network.SetLink(isUp: false);
        network.RunInside("address", "delete", "198.18.78.2/24", "dev", "eth0");
        network.RunInside("address", "add", "198.18.78.3/24", "dev", "eth0");
        Thread.Sleep(1000);
        network.SetLink(isUp: true);
        Known("198.18.78.3", Limit, "the new address alone is known");

        // The link stays up, and the address changes under it.
        network.RunInside("address", "delete", "198.18.78.3/24", "dev", "eth0");
        network.RunInside("address", "add", "198.18.78.4/24", "dev", "eth0");
        Known("198.18.78.4", Limit, "the third address alone is known");

        // The registrar lost its memory while the link was down, and the address stays: it is told all the same.
        network.SetLink(isUp: false);
        registrar.Restart();
        Thread.Sleep(1000);
        network.SetLink(isUp: true);
        Known("198.18.78.4", Limit, "it is known again");

        void Known(string address, TimeSpan limit, string what) => Expect.Within(limit, () =>
            registrar.BindingsOf("alice") is [var udp] && udp.Uri == $"sip:alice@{address}:5060"
            && registrar.BindingsOf("bob") is [var tcp] && tcp.Uri == $"sip:bob@{address}:5060;transport=tcp", what, device);
    }
}
