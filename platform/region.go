package platform

// Region is one of the vendor's clouds.
type Region string

// The regions a person can choose.
const (
	RegionUS    Region = "US"
	RegionEU    Region = "EU"
	RegionIndia Region = "IN"
)

// Regions in the order in which they are offered.
var Regions = []Region{RegionUS, RegionEU, RegionIndia}

// Endpoints are the base URLs of the service, https, without a path.
type Endpoints struct {
	Console          string `json:"console"`          // User Portal and Admin Portal
	Kickstart        string `json:"kickstart"`        // public: script, Detect, Time, SignCsr
	PrivateKickstart string `json:"privateKickstart"` // client certificate: CheckAccess, GetAgentInstall
	Agent            string `json:"agent"`            // client certificate: poll
	Packages         string `json:"packages"`         // installers, under /production/
}

// EndpointsOf gives the vendor's hosts of a region. Sources: the vendor's support pages and scripts
// (https://github.com/TheJumpCloud/support); India's kickstart host follows the pattern of the others and was not
// seen in public.
func EndpointsOf(r Region) (Endpoints, bool) {
	infix := map[Region]string{RegionUS: "", RegionEU: "eu.", RegionIndia: "in."}
	in, ok := infix[r]
	if !ok {
		return Endpoints{}, false
	}
	return Endpoints{
		Console:          "https://console." + in + "jumpcloud.com",
		Kickstart:        "https://kickstart." + in + "jumpcloud.com",
		PrivateKickstart: "https://private-kickstart." + in + "jumpcloud.com",
		Agent:            "https://agent." + in + "jumpcloud.com",
		Packages:         "https://cdn02.jumpcloud.com",
	}, true
}
